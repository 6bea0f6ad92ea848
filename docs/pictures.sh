#!/usr/bin/env bash
# Retakes the pictures of the guides: bash docs/pictures.sh
#
# Starts the sandbox and the bot, runs each flow in a browser, in English and in Spanish, and writes
# docs/images. The clock is manual, so new pictures differ only in codes and session ids. Look at
# them before you commit them.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="${PATH:-/usr/local/bin:/usr/bin:/bin}:${CARGO_HOME:-${HOME:-}/.cargo}/bin"

# Require these fonts, because the pictures must look alike on every machine. Noto Sans is similar
# to Discord's font, and Noto's emoji have colors.
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
cargo test --locked --workspace --test desk -- --ignored guide::pictures
ls -l docs/images/*/*.png
