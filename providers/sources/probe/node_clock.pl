print output("date", "+wall_ms=%s%3N");
