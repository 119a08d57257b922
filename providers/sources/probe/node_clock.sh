printf 'wall_ms=%s\n' "$(date +%s%3N)"
