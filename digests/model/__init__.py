"""The values that rooms hand to each other: frozen, slotted, pure; datetimes are aware and UTC."""
