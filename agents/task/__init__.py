"""What lanes and the coordinator share: checks before they go on, ownership, refusals."""
