"""What operators see: metrics, logs and health. It is told things; it decides nothing."""
