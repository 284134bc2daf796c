"""What each family of events does beside earning: deposits, refunds, membership."""
