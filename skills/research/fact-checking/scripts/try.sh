#!/usr/bin/env bash
# Needs: awk grep tr
# Prints: 1  true         The bridge opened in 1932.
# Prints: 2  true         It cost 9 million.|   REFUSED: 1 of two independent sources; no primary source for it
# Prints: 3  false        It is the longest.|   REFUSED: no primary source against it
# Prints: 4  true         It is red.|   REFUSED: a source speaks against it; the words are not in act.txt
# Prints: 5  open         Nobody fell.
# Prints: 6  likely       It sways.|   REFUSED: no such verdict
# Prints: carried
# Prints: source in line 1: no date of publication
# Prints: source in line 2: not NUMBER
# Prints: offline: 1  open         It is so.
# Prints: offline: 1  true         It is so.|   REFUSED: 0 of two independent sources; no primary source for it
# Prints: two files: 1  true         It is so.
# Prints: 125.0 % more, 2.25 times, 50 more
# Prints: 50.0 % less, 0.50 times, 20 less
# Prints: from nothing: no percentage
set -euo pipefail
cp ~/skill/scripts/verdicts.sh .
printf 'The bridge was\nopened on 19 March 1932.\n' > act.txt
add() { printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$@" >> sources.tsv; }
add 1 for primary 1932 act.txt 'The bridge was opened on 19 March 1932.'
add 1 for secondary 2019-03 https://news.example/bridge 'It opened in 1932'
add 2 for secondary 2019-03 https://www.news.example/cost 'nine million'
add 2 for secondary 2020-01-02 http://news.example/again 'nine million'
add 3 against secondary 2019 https://a.example/ 'the second longest'
add 3 against secondary 2019 https://b.example/ 'the second longest'
add 4 for primary 1932 act.txt 'painted red'
add 4 against secondary 2019 https://a.example/ 'grey'
printf '1\ttrue\tThe bridge opened in 1932.\n5\topen\tNobody fell.\n' > claims.tsv
   bash verdicts.sh claims.tsv sources.tsv && echo "carried"
printf '2\ttrue\tIt cost 9 million.\n3\tfalse\tIt is the longest.\n4\ttrue\tIt is red.\n6\tlikely\tIt sways.\n' >> claims.tsv
bash verdicts.sh claims.tsv sources.tsv > out.txt && exit 1 || true
paste -sd'|' out.txt
printf '1\tfor\tprimary\tlast year\tx\ty\n1\tfor\tprimary\t1932\tx\n' > sources.tsv
bash verdicts.sh claims.tsv sources.tsv | grep '^source' || true
touch none.tsv && printf '1\topen\tIt is so.\n' > claims.tsv
echo "offline: $(bash verdicts.sh claims.tsv none.tsv)"
sed -i 's/open/true/' claims.tsv
echo "offline: $(bash verdicts.sh claims.tsv none.tsv | paste -sd'|' -)"
mkdir saved && echo 'It is so indeed' | tee saved/a.txt > saved/b.txt
printf '1\tfor\tprimary\t2026\tsaved/a.txt\tis so\n1\tfor\tsecondary\t2026\tsaved/b.txt\tis so\n' > two.tsv
echo "two files: $(bash verdicts.sh claims.tsv two.tsv)"
   change() { # change FROM TO
     awk -v a="$1" -v b="$2" 'BEGIN {
       if (a == 0) { print "from nothing: no percentage"; exit }
       d = b - a; s = d < 0 ? "less" : "more"; if (d < 0) d = -d
       printf "%.1f %% %s, %.2f times, %g %s\n", 100 * d / a, s, b / a, d, s }'
   }
   change 40 90
change 40 20
change 0 5
