#!/usr/bin/env bash
# Needs: sqlite3
# Prints: refused: CHECK
# Prints: 3|1400
# Prints: Café
# Prints: ok
set -euo pipefail
sqlite3 data.db <<'SQL'
   PRAGMA journal_mode = WAL;
   CREATE TABLE IF NOT EXISTS expense (
     id INTEGER PRIMARY KEY,
     day TEXT NOT NULL CHECK (day IS date(day)),
     category TEXT NOT NULL,
     cents INTEGER NOT NULL,
     note TEXT NOT NULL DEFAULT ''
   ) STRICT;
SQL
printf 'day,category,amount\n2027-01-02,food,8.50\n2027-01-03,bus,2.00\n' > expenses.csv
   sqlite3 data.db '.mode csv' '.import expenses.csv raw' \
     'INSERT INTO expense (day, category, cents) SELECT day, category, CAST(round(amount * 100) AS INTEGER) FROM raw; DROP TABLE raw;'
   sqlite3 data.db '.parameter init' ".parameter set @note \"'Caf$(printf '\303\251')'\"" \
     'INSERT INTO expense (day, category, cents, note) VALUES (date(), '"'food'"', 350, @note);'
sqlite3 data.db "INSERT INTO expense (day, category, cents) VALUES ('5.3.27', 'x', 1);" 2>&1 | sed 's/.*CHECK.*/refused: CHECK/' || true
sqlite3 data.db 'SELECT count(*), sum(cents) FROM expense; SELECT note FROM expense;'
   sqlite3 data.db ".backup 'data.bak.db'"
   sqlite3 -readonly data.bak.db '.tables' '.schema' 'PRAGMA integrity_check;'
