"""Work on what strangers sent: in a second process, which it may kill, hang or fill without harm to this one."""
