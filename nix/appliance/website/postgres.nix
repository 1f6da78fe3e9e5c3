# Postgres: a socket and no port. Who a process is, the kernel says (peer); each has a role with the same name but for the hyphen.
{ settings, text, ... }:

{
  settings = {
    listen_addresses = "";
    unix_socket_directories = "/run/postgresql";
    max_connections = 100;
    shared_buffers = "256MB";
    password_encryption = "scram-sha-256";
    wal_level = "replica";
    archive_mode = "on";
    archive_timeout = 300; # seconds of work that a lost disk may cost
    archive_command = "test ! -f /var/lib/sandlot-wal/%f && cp %p /var/lib/sandlot-wal/.%f && mv /var/lib/sandlot-wal/.%f /var/lib/sandlot-wal/%f";
    log_connections = "off";
    log_min_duration_statement = 1000;
    log_parameter_max_length = 0; # what people wrote stays out of the log
    log_parameter_max_length_on_error = 0;
    temp_file_limit = "1GB";
  };

  # The owner of the tables makes the two roles of website/db; a backup reads everything and writes nothing. May be run again.
  roles = text.lines [
    "do $$ begin create role sandlot_owner; exception when duplicate_object then null; end $$;"
    "do $$ begin create role sandlot_backup; exception when duplicate_object then null; end $$;"
    "alter role sandlot_owner login createrole nosuperuser nocreatedb connection limit 4;"
    "alter role sandlot_backup login nosuperuser nocreatedb nocreaterole connection limit 2;"
    "grant pg_read_all_data to sandlot_backup;"
    "select 'create database sandlot owner sandlot_owner' where not exists (select from pg_database where datname = 'sandlot') \\gexec"
    "grant connect on database sandlot to sandlot_backup;"
  ];

  hba = text.lines [
    "local all,replication postgres                                           peer"
    "local sandlot sandlot_owner,sandlot_website,sandlot_bridge,sandlot_backup peer map=sandlot"
  ];
  ident = text.lines [
    "sandlot sandlot-owner   sandlot_owner"
    "sandlot sandlot-website sandlot_website"
    "sandlot sandlot-bridge  sandlot_bridge"
    "sandlot sandlot-backup  sandlot_backup"
  ];
}
