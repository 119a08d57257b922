# What a run that was taken over runs into: of each domain the highest token that was seen here, as a file with the line
# "TOKEN RUN HOLDER SINCE". Perl, for the texts that follow; the file is always whole, so reading it takes no lock.
# The directory can be entered by whoever has it as working directory, /var/lib/pgsteer itself by root alone.
fences=/var/lib/pgsteer/fences
fence_perl='
    use strict;

    # Of the domain, below the working directory: who has the newest lease, or nobody.
    sub fence_newest {
        my ($domain) = @_;
        open(my $in, "<", $domain) or return;
        my $line = <$in>;
        return defined $line && $line =~ /^([0-9]+) (\S+) (\S+) (\S+)$/ ? ($1, $2, $3, $4) : ();
    }

    # Why this token is refused; undef: it is not.
    sub fence_refusal {
        my ($domain, $token) = @_;
        my ($newest, $run, $holder, $since) = fence_newest($domain) or return undef;
        return undef if $newest <= $token;
        return "$domain was taken over by run $run ($holder), whose lease is from $since";
    }

    sub fence_keep {
        my ($domain, @fields) = @_;
        require IO::Handle;
        open(my $out, ">", ".new.$domain") or die "$domain: $!\n";
        print $out "@fields\n";
        $out->flush && $out->sync && close $out or die "$domain: $!\n";
        chmod 0644, ".new.$domain";
        rename ".new.$domain", $domain or die "$domain: $!\n";
        sysopen(my $folder, ".", 0) or die "$!\n";
        $folder->sync or die "$domain: $!\n";
    }

    # Goes to the directory, and stays there. A newer token than the one that is known is kept.
    sub fence_enter {
        my ($home, $domain, $token, @fields) = @_;
        $domain =~ /^[A-Za-z0-9_][A-Za-z0-9_.:-]*$/ && $token =~ /^[0-9]+$/ or die "malformed fence\n";
        require Fcntl;
        my ($parent) = $home =~ m{^(.*)/};
        mkdir $parent, 0700;
        mkdir $home, 0755 and chmod 0755, $home;
        chdir $home or die "$home: $!\n";
        open(my $lock, ">>", ".lock") or die "$home: $!\n";
        flock($lock, Fcntl::LOCK_EX()) or die "$home: $!\n";
        my ($newest) = fence_newest($domain);
        fence_keep($domain, $token, @fields) if !defined $newest || $newest < $token;
        return fence_refusal($domain, $token);
    }
'
