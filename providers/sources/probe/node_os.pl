for my $line (split /\n/, slurp("/etc/os-release")) {
    print "$line\n" if $line =~ /^(?:ID|VERSION_ID|VERSION_CODENAME)=/;
}
my $arch = slurp_if_there("/proc/sys/kernel/arch") // output("uname", "-m");    # since Linux 6.1
chomp $arch;
print "arch=$arch\nkernel=", slurp("/proc/sys/kernel/osrelease"), "hostname=", slurp("/proc/sys/kernel/hostname");
print "boot_id=", slurp("/proc/sys/kernel/random/boot_id");
# It fails where there is none.
print "virt=", eval { output_of_any("systemd-detect-virt") } // "", "\n";
