# The names first: systemctl answers in their order, but with its own idea of the name.
print map("$_\n", @_), "\n";
return unless @_;
print output("systemctl", "show", "--property=LoadState,ActiveState,SubState",
    "--property=UnitFileState,MainPID,ExecMainStartTimestampMonotonic,NeedDaemonReload,Result", "--", @_);
