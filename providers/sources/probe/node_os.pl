for my $line (split /\n/, slurp("/etc/os-release")) {
    print "$line\n" if $line =~ /^(?:ID|VERSION_ID|VERSION_CODENAME)=/;
}
my ($hostname, $kernel, $arch) = split " ", output("uname", "-nrm");
print "arch=$arch\nkernel=$kernel\nhostname=$hostname\n";
print "boot_id=", slurp("/proc/sys/kernel/random/boot_id");
print "virt=";
system "systemd-detect-virt";    # fails where there is none, or no systemd
