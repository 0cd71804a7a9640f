"""What is on disk: the queue's database, the spool's folders, the clip store."""
