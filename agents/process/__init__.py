"""What every process has: settings, exit codes, a clock, a garbage collector, a disk."""
