# Local address and state of each TCP socket; 0A is LISTEN.
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | awk '$4 == "0A" {print $2}'
