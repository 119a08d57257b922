my $disk = look("/data") && -d _ ? "/data" : "/";
my @cpus = names_in("/sys/devices/system/cpu", qr/^cpu[0-9]+$/);
my ($memory) = slurp("/proc/meminfo") =~ /^MemTotal:\s+([0-9]+)/m;
my ($bytes, $free) = output("df", "-P", "-B1", $disk) =~ /\n\S+\s+([0-9]+)\s+[0-9]+\s+([0-9]+)/;
print "cpu_count=" . @cpus . "\nmemory_kb=$memory\ndisk_bytes=$bytes\ndisk_free_bytes=$free\n";
