-- Until when one pod sets the server up by itself; what a pod that died has left ends by itself.
alter table guild add column setup_until timestamptz;
