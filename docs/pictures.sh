#!/usr/bin/env bash
# Takes the pictures of the agents' guides anew: bash docs/pictures.sh
#
# It starts the sandbox and the bot, walks each road in a browser as an agent would, in English and in Spanish, and writes
# docs/images. The clock is moved by hand, so that pictures taken again differ in nothing but codes and the ids of sessions. Look at
# them before you commit them.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="${PATH:-/usr/local/bin:/usr/bin:/bin}:${CARGO_HOME:-${HOME:-}/.cargo}/bin"

# With other fonts the pictures look like those of another computer: Noto Sans is nearest to what Discord uses, and its emoji have
# colours.
for font in "Noto Sans" "Noto Color Emoji"; do
  fc-match "$font" 2>/dev/null | grep -q "\"$font\"" || {
    echo "docs/pictures.sh: the font $font is missing: apt-get install fontconfig fonts-noto-core fonts-noto-color-emoji" >&2
    exit 1
  }
done
command -v chromedriver >/dev/null || {
  echo "docs/pictures.sh: chromedriver is missing: apt-get install chromium chromium-driver" >&2
  exit 1
}

rm -f docs/images/*/*.png
cargo test --locked --test desk -- --ignored guide::pictures
ls -l docs/images/*/*.png
