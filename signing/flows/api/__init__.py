"""What applications do through `/api/signatures`: who they are, signature requests, jobs."""
