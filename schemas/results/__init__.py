"""What the club publishes: one module a topic, one model a type. `schemas.outputs` writes them."""
