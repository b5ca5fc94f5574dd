"""HTTP servers that strangers reach: a bounded one for any use, and the route of mosaics."""
