print output("dpkg-query", "-W", "-f", q(${db:Status-Status}\t${Package}\t${Version}\n));
