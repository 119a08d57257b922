print map "arg\t$_\n", @_;
# As getent prints them; what perl tells in the place of the password is nobody's business.
for my $name (@_) {
    my ($user, $uid, $gid, $about, $home, $shell) = (getpwnam $name)[0, 2, 3, 6, 7, 8] or next;
    print "user\t", join(":", $user, "x", $uid, $gid, $about, $home, $shell), "\n";
}
while (my ($group, undef, $gid, $members) = getgrent) {
    print "group\t$group:x:$gid:", join(",", split " ", $members), "\n";
}
