#!/usr/bin/env bash
# Needs: python3
# Prints: Ran 3 tests
# Prints: noticed
set -euo pipefail
cat > price.py <<'PY'
def total(prices, discount=0):
    if any(price < 0 for price in prices):
        raise ValueError("negative")
    return max(0, sum(prices) - discount)
PY
cat > test_price.py <<'PY'
import unittest
from price import total

class Total(unittest.TestCase):
    def test_an_empty_cart_costs_nothing(self):
        self.assertEqual(total([]), 0)

    def test_a_discount_never_makes_it_negative(self):
        self.assertEqual(total([100], discount=500), 0)

    def test_a_negative_price_is_refused(self):
        with self.assertRaises(ValueError):
            total([-1])
PY
   python3 -m unittest -q test_price
export PYTHONDONTWRITEBYTECODE=1; rm -rf __pycache__
   cp price.py price.kept && sed -i 's/max(0, /max(-10**9, /' price.py
   python3 -m unittest -q test_price && echo "NOT NOTICED" || echo "noticed"
   mv price.kept price.py
rm -rf __pycache__
python3 -m unittest -q test_price
