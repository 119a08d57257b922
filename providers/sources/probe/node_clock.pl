exec "date", "+wall_ms=%s%3N" or die "date: $!\n";
