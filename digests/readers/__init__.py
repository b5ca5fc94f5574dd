"""The use cases behind what readers do: follow, wish, look up, save and ask why; and what admins keep from them."""
