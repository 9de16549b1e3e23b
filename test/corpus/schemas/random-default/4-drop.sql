alter table tokens drop column secret;
