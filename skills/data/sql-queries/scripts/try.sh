#!/usr/bin/env bash
# Needs: sqlite3
# Prints: 2027-01|ada|700|1
# Prints: SCAN sale
# Prints: USING INDEX sale_customer
set -euo pipefail
sqlite3 shop.db "CREATE TABLE sale (customer TEXT, day TEXT, cents INTEGER);
INSERT INTO sale VALUES ('ada','2027-01-02',500),('ada','2027-01-09',200),('bob','2027-01-05',300),('bob','2027-02-01',900);"
sqlite3 -header shop.db <<'SQL'
   WITH monthly AS (
     SELECT customer, substr(day, 1, 7) AS month, sum(cents) AS cents FROM sale GROUP BY 1, 2
   )
   SELECT month, customer, cents, rank() OVER (PARTITION BY month ORDER BY cents DESC) AS place
   FROM monthly ORDER BY month, place;
SQL
   sqlite3 shop.db "EXPLAIN QUERY PLAN SELECT * FROM sale WHERE customer = 'ada'"
   sqlite3 shop.db 'CREATE INDEX sale_customer ON sale (customer)'
   sqlite3 shop.db "EXPLAIN QUERY PLAN SELECT * FROM sale WHERE customer = 'ada'"
