"""What bench/peers.py does: the same corpus by each generator, judged and measured."""
