# The names first: systemctl answers in their order, but with its own idea of the name.
print map("$_\n", @_), "\n";
return unless @_;
exec "systemctl", "show", "--property=LoadState,ActiveState,SubState",
    "--property=UnitFileState,MainPID,ExecMainStartTimestampMonotonic,NeedDaemonReload,Result", "--", @_
    or die "systemctl: $!\n";
