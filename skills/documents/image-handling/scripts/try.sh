#!/usr/bin/env bash
# Needs: file base64 od
# Prints: PNG image data, 3 x 2
# Prints: size 3x2
# Prints: no metadata
set -euo pipefail
{ printf '\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\0\003\0\0\0\002\010\002\0\0\0'; printf '\022\026\361M'; printf '\0\0\0\0IEND\256B`\202'; } > picture.png
   file -- *.png *.jpg 2>/dev/null | head -20 || true
   png_size() { od -An -tu1 -j16 -N8 "$1" | awk '{ print ((($1*256+$2)*256+$3)*256+$4) "x" ((($5*256+$6)*256+$7)*256+$8) }'; }
echo "size $(png_size picture.png)"
mkdir out && cp picture.png out/
grep -lac 'Exif\|GPS' out/* || echo "no metadata"
