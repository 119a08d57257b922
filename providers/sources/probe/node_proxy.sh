# The services that the proxy reads: each file and its first line.
for file in /etc/haproxy/conf.d/*.cfg; do
    [ -f "$file" ] || continue
    printf 'file\t%s\t%s\n' "$file" "$(head -c 256 <"$file" | head -n 1 | tr -d '\000')"
done
