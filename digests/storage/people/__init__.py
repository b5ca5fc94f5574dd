"""People: their roles, their dialogs, what they saved, and what admins among them did."""
