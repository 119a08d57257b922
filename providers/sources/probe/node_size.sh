disk=/
[ -d /data ] && disk=/data
printf 'cpu_count=%s\n' "$(nproc --all)"
awk '$1 == "MemTotal:" {print "memory_kb=" $2}' /proc/meminfo
df -P -B1 "$disk" | awk 'NR == 2 {print "disk_bytes=" $2 "\ndisk_free_bytes=" $4}'
