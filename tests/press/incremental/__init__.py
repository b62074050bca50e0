"""A publication that is edited at random, and what is compared of its builds."""
