"""How values are written as JSON in the database."""

from __future__ import annotations

import json

# Chinese is written as it is: escaped, it would take twice the space. One encoder, since json.dumps makes one for each
# value. All that is stored is built here, so nothing in it contains itself.
JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
