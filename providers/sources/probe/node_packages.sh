# shellcheck disable=SC2016 # the ${} are dpkg's
dpkg-query -W -f '${db:Status-Status}\t${Package}\t${Version}\n'
