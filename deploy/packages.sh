# Sourced by the other scripts: installs what Debian or Raspberry Pi OS lacks for building and running Vývěska.

# need PURPOSE PACKAGE…: installs the packages that are missing, or says exactly how to.
need() {
  local purpose=$1 package
  shift
  command -v dpkg-query >/dev/null || {
    echo "This is not Debian or Raspberry Pi OS. $purpose needs what Debian calls: $*" >&2
    return 0
  }
  local missing=()
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  echo "Installing for $purpose: ${missing[*]}"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null || ! { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
      echo "These packages are missing and installing them needs the administrator's rights. Please run:" >&2
      echo "  apt-get update && apt-get install ${missing[*]}" >&2
      exit 1
    fi
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

need_rust() {
  # A rustup installation that this shell has not read yet.
  if ! command -v cargo >/dev/null && [ -r "$HOME/.cargo/env" ]; then
    . "$HOME/.cargo/env"
  fi
  command -v cargo >/dev/null || {
    echo "Rust is missing. Install it with rustup (version 1.94 or newer), then run this again." >&2
    exit 1
  }
}

need_build() {
  need "building" build-essential pkg-config libfontconfig-dev libfreetype-dev
  need_rust
  # A build cache outside the checkout serves every checkout.
  export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/vyveska/target}"
}

need_recognition() {
  need "recognising scanned documents" tesseract-ocr tesseract-ocr-ces tesseract-ocr-deu
}

need_jury() {
  need "checking that documents are drawn right" mupdf-tools poppler-utils
}
