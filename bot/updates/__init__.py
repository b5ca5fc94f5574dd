"""Updates, from their arrival to their handler."""
