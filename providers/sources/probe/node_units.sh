# The names first: systemctl answers in their order, but with its own idea of the name.
cat "$ARGS"
echo
[ -s "$ARGS" ] || exit 0
xargs -d '\n' -a "$ARGS" systemctl show --property=LoadState,ActiveState,SubState \
    --property=UnitFileState,MainPID,ExecMainStartTimestampMonotonic,NeedDaemonReload,Result --
