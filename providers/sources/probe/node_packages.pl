exec "dpkg-query", "-W", "-f", q(${db:Status-Status}\t${Package}\t${Version}\n) or die "dpkg-query: $!\n";
