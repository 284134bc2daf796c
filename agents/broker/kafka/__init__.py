"""Apache Kafka as the club's broker."""
