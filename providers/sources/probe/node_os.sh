grep -E '^(ID|VERSION_ID|VERSION_CODENAME)=' /etc/os-release
printf 'arch=%s\nkernel=%s\nhostname=%s\n' "$(uname -m)" "$(uname -r)" "$(uname -n)"
printf 'virt=%s\n' "$(systemd-detect-virt 2>/dev/null)"
printf 'boot_id=%s\n' "$(cat /proc/sys/kernel/random/boot_id)"
