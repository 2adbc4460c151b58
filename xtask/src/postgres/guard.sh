# Becomes Postgres, and leaves behind a guard that ends it when standard input does.
#
# The other end of standard input is held by the command that started this. However that one ends, kill -9 included,
# the guard sees the end of the pipe, stops the server (nobody needs its data) and removes the folder.
# The guard keeps standard output open for as long as it works, which tells the other side when all is gone.
#
# Arguments: the folder, then Postgres and its arguments.
folder=$1
shift
exec 3<&0
(
  read -r _ <&3
  kill -s QUIT $$
  try=0
  # The note goes when the server ends in order; the process may stay in the table where nobody collects the dead.
  while [ -e "$folder/data/postmaster.pid" ] && kill -s 0 $$; do
    try=$((try + 1))
    if [ "$try" -eq 100 ]; then kill -s KILL $$; fi
    if [ "$try" -gt 110 ]; then break; fi
    sleep 0.1
  done
  rm -rf "$folder"
) 2>/dev/null &
exec "$@" </dev/null >"$folder/log" 2>&1 3<&-
