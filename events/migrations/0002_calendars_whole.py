import django.core.validators
import django.db.models.deletion
import estateman.common.clock
import events.constraints
import events.fields
import events.models.events
import events.models.hours
import events.models.resources
from django.conf import settings
from django.db import migrations, models
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat


def tell_apart(apps, schema_editor):
    """The new column was filled with one uid for all events there were."""
    own = Concat(Value("event-"), Cast("pk", CharField()), Value("@estateman"))
    apps.get_model("events", "Event").objects.update(uid=own)


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0001_initial'),
        ('integrations', '0002_doors'),
        ('people', '0002_feed_tokens'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='calendar',
            name='calendar_of_a_person_or_a_team',
        ),
        migrations.RemoveConstraint(
            model_name='reminder',
            name='reminder_once_per_lead_time',
        ),
        migrations.RemoveConstraint(
            model_name='resourcebooking',
            name='no_overlapping_bookings',
        ),
        migrations.AddField(
            model_name='attendee',
            name='is_required',
            field=models.BooleanField(default=True, help_text='Whether it makes no sense without them'),
        ),
        migrations.AddField(
            model_name='attendee',
            name='name',
            field=models.CharField(blank=True, help_text='Of a guest', max_length=120),
        ),
        migrations.AddField(
            model_name='attendee',
            name='waiting_since',
            field=models.DateTimeField(editable=False, help_text='Their place in the waiting list', null=True),
        ),
        migrations.AddField(
            model_name='calendar',
            name='conflicts',
            field=models.CharField(choices=[('ignore', 'Ignore'), ('warn', 'Warn'), ('refuse', 'Refuse')], default='warn', help_text='What happens when a new event falls on time that its people have taken', max_length=10),
        ),
        migrations.AddField(
            model_name='calendar',
            name='holidays_of',
            field=models.CharField(blank=True, help_text='Whose public holidays it shows, like US or US-NY; empty for any other use', max_length=13),
        ),
        migrations.AddField(
            model_name='event',
            name='follows',
            field=models.ForeignKey(editable=False, help_text='The series that this one carries on from a date on which it changed', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='followed_by', to='events.event'),
        ),
        migrations.AddField(
            model_name='event',
            name='is_busy',
            field=models.BooleanField(default=True, help_text='Whether it takes the time of those who come'),
        ),
        migrations.AddField(
            model_name='event',
            name='uid',
            field=models.CharField(default=events.models.events.new_uid, editable=False, max_length=255),
        ),
        migrations.AddField(
            model_name='reminder',
            name='user',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='own_reminders', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='resource',
            name='bookable_hours',
            field=models.JSONField(blank=True, default=dict, validators=[events.models.resources.validate_bookable_hours]),
        ),
        migrations.AddField(
            model_name='resource',
            name='bookers',
            field=models.CharField(choices=[('everyone', 'Everyone'), ('team', 'Team'), ('leaders', 'Leaders')], default='everyone', max_length=10),
        ),
        migrations.AddField(
            model_name='resource',
            name='buffer_after_minutes',
            field=models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(1440)]),
        ),
        migrations.AddField(
            model_name='resource',
            name='buffer_before_minutes',
            field=models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(1440)]),
        ),
        migrations.AddField(
            model_name='resource',
            name='needs_approval',
            field=models.BooleanField(default=False, help_text='Whether a booking holds only once it was approved'),
        ),
        migrations.AddField(
            model_name='resource',
            name='release_after_minutes',
            field=models.PositiveSmallIntegerField(blank=True, help_text='It is free again when nobody has checked in so long after the start; empty keeps it', null=True, validators=[django.core.validators.MinValueValidator(5), django.core.validators.MaxValueValidator(1440)]),
        ),
        migrations.AddField(
            model_name='resource',
            name='team',
            field=models.ForeignKey(blank=True, help_text='Whose it is: its lead approves, and it may be kept for its members', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='people.team'),
        ),
        migrations.AddField(
            model_name='resource',
            name='units',
            field=models.PositiveSmallIntegerField(default=1, help_text='How many of them there are', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)]),
        ),
        migrations.AddField(
            model_name='resourcebooking',
            name='checked_in_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='resourcebooking',
            name='decided_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='resourcebooking',
            name='decided_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='resourcebooking',
            name='unit',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AlterField(
            model_name='attendee',
            name='status',
            field=models.CharField(choices=[('needs_action', 'Needs Action'), ('accepted', 'Accepted'), ('declined', 'Declined'), ('tentative', 'Tentative'), ('waiting', 'Waiting')], default='needs_action', max_length=20),
        ),
        migrations.AlterField(
            model_name='resourcebooking',
            name='status',
            field=models.CharField(choices=[('accepted', 'Accepted'), ('pending', 'Pending'), ('declined', 'Declined'), ('cancelled', 'Cancelled'), ('released', 'released: nobody came')], default='accepted', max_length=10),
        ),
        migrations.RunPython(tell_apart, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name='calendar',
            constraint=models.CheckConstraint(condition=models.Q(('owner', None), ('team', None), _connector='OR'), name='calendar_of_one_holder', violation_error_message='A calendar belongs to a person, to a team or to the office.'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.UniqueConstraint(fields=('calendar', 'uid'), name='event_uid_once_per_calendar'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.UniqueConstraint(condition=models.Q(('user', None)), fields=('event', 'minutes_before'), name='reminder_once_per_lead_time'),
        ),
        migrations.AddConstraint(
            model_name='reminder',
            constraint=models.UniqueConstraint(fields=('event', 'user', 'minutes_before'), name='own_reminder_once_per_lead_time'),
        ),
        migrations.AddConstraint(
            model_name='resourcebooking',
            constraint=events.constraints.NoOverlap(name='no_overlapping_bookings', over=('resource', 'unit'), states=('accepted',), violation_error_message='It is booked already at that time.'),
        ),
        migrations.CreateModel(
            name='Attendance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attendee', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attendance', to='events.attendee')),
                ('recurrence_id', events.fields.LocalDateTimeField()),
                ('status', models.CharField(choices=[('present', 'Present'), ('absent', 'Absent')], default='present', max_length=10)),
                ('recorded_at', models.DateTimeField(default=estateman.common.clock.now, editable=False)),
                ('recorded_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'event_attendance',
                'ordering': ('recurrence_id',),
                'constraints': [models.UniqueConstraint(fields=('attendee', 'recurrence_id'), name='attendance_once_per_date')],
            },
        ),
        migrations.CreateModel(
            name='Blackout',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('resource', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='blackouts', to='events.resource')),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField(default=estateman.common.clock.now, editable=False)),
            ],
            options={
                'db_table': 'resource_blackouts',
                'ordering': ('starts_at',),
                'indexes': [models.Index(fields=['resource', 'ends_at'], name='blackout_by_resource')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='blackout_takes_time', violation_error_message='A blackout ends after it begins.')],
            },
        ),
        migrations.CreateModel(
            name='BookingPage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('slug', models.SlugField(max_length=60, unique=True)),
                ('title', models.CharField(max_length=120)),
                ('description', models.TextField(blank=True)),
                ('location', models.CharField(blank=True, max_length=200)),
                ('timezone', models.CharField(max_length=64, validators=[estateman.common.clock.validate_zone])),
                ('duration_minutes', models.PositiveSmallIntegerField(default=30, validators=[django.core.validators.MinValueValidator(5), django.core.validators.MaxValueValidator(720)])),
                ('step_minutes', models.PositiveSmallIntegerField(default=30, help_text='From one start to the next', validators=[django.core.validators.MinValueValidator(5), django.core.validators.MaxValueValidator(1440)])),
                ('buffer_before_minutes', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(1440)])),
                ('buffer_after_minutes', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(1440)])),
                ('notice_minutes', models.PositiveIntegerField(default=120, help_text='How long before the start it can be booked', validators=[django.core.validators.MaxValueValidator(129600)])),
                ('days_ahead', models.PositiveSmallIntegerField(default=30, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(366)])),
                ('daily_limit', models.PositiveSmallIntegerField(blank=True, help_text='Appointments of one host in a day', null=True, validators=[django.core.validators.MinValueValidator(1)])),
                ('resource', models.ForeignKey(blank=True, help_text='What is booked along with it', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='events.resource')),
                ('is_active', models.BooleanField(default=True)),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField(default=estateman.common.clock.now, editable=False)),
            ],
            options={
                'db_table': 'booking_pages',
                'ordering': ('title',),
            },
        ),
        migrations.CreateModel(
            name='Appointment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('page', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='appointments', to='events.bookingpage')),
                ('host', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='appointments', to=settings.AUTH_USER_MODEL)),
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='appointment', to='events.event')),
                ('visitor_name', models.CharField(max_length=120)),
                ('visitor_email', models.EmailField(max_length=254)),
                ('visitor_phone', models.CharField(blank=True, max_length=40)),
                ('note', models.TextField(blank=True)),
                ('visitor_timezone', models.CharField(max_length=64, validators=[estateman.common.clock.validate_zone])),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('blocked_from', models.DateTimeField()),
                ('blocked_until', models.DateTimeField()),
                ('status', models.CharField(choices=[('booked', 'Booked'), ('cancelled', 'Cancelled')], default='booked', max_length=10)),
                ('created_at', models.DateTimeField(default=estateman.common.clock.now, editable=False)),
            ],
            options={
                'db_table': 'appointments',
                'ordering': ('starts_at',),
                'indexes': [models.Index(fields=['host', 'starts_at'], name='appointment_by_host')],
                'constraints': [models.CheckConstraint(condition=models.Q(('blocked_from__lte', models.F('starts_at')), ('blocked_until__gte', models.F('ends_at')), ('ends_at__gt', models.F('starts_at'))), name='appointment_blocks_its_time'), events.constraints.NoOverlap(name='no_overlapping_appointments', over=('host',), states=('booked',))],
            },
        ),
        migrations.CreateModel(
            name='BookingPageHost',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('page', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hosts', to='events.bookingpage')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hosts_of', to=settings.AUTH_USER_MODEL)),
                ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='events.calendar')),
            ],
            options={
                'db_table': 'booking_page_hosts',
                'ordering': ('pk',),
                'constraints': [models.UniqueConstraint(fields=('page', 'user'), name='host_once_per_page')],
            },
        ),
        migrations.CreateModel(
            name='CalendarLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('next_attempt_at', models.DateTimeField(default=estateman.common.clock.now, editable=False, null=True)),
                ('attempts', models.PositiveIntegerField(default=0, editable=False)),
                ('lease_until', models.DateTimeField(editable=False, null=True)),
                ('lease_token', models.UUIDField(editable=False, null=True)),
                ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='events.calendar')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='calendar_links', to=settings.AUTH_USER_MODEL)),
                ('integration', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='calendar_links', to='integrations.integration')),
                ('remote_id', models.CharField(max_length=500)),
                ('remote_name', models.CharField(blank=True, max_length=200)),
                ('direction', models.CharField(choices=[('both', 'Both'), ('pull', 'from there to here'), ('push', 'from here to there')], default='both', max_length=10)),
                ('winner', models.CharField(choices=[('newest', 'Newest'), ('local', 'Local'), ('remote', 'Remote')], default='newest', max_length=10)),
                ('is_active', models.BooleanField(default=True)),
                ('cursor', models.TextField(blank=True, editable=False, help_text='What the provider goes on from')),
                ('channel', models.CharField(blank=True, editable=False, help_text='Over which it tells of changes', max_length=200)),
                ('channel_resource', models.CharField(blank=True, editable=False, max_length=500)),
                ('channel_expires_at', models.DateTimeField(editable=False, null=True)),
                ('last_synced_at', models.DateTimeField(editable=False, null=True)),
                ('last_error', models.TextField(blank=True, editable=False)),
                ('created_at', models.DateTimeField(default=estateman.common.clock.now, editable=False)),
            ],
            options={
                'db_table': 'calendar_links',
                'ordering': ('pk',),
                'indexes': [models.Index(condition=models.Q(('next_attempt_at__isnull', False)), fields=['next_attempt_at'], name='link_due'), models.Index(fields=['channel'], name='link_by_channel')],
                'constraints': [models.UniqueConstraint(fields=('calendar', 'integration'), name='calendar_linked_once_per_integration'), models.UniqueConstraint(fields=('integration', 'user', 'remote_id'), name='remote_calendar_linked_once')],
            },
        ),
        migrations.CreateModel(
            name='DataSync',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('link', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='events.calendarlink')),
                ('status', models.CharField(choices=[('running', 'Running'), ('done', 'Done'), ('partly', 'done, save for single events'), ('failed', 'Failed')], default='running', max_length=10)),
                ('is_full', models.BooleanField(default=False, help_text='Whether all was listed, and not just what changed')),
                ('started_at', models.DateTimeField(default=estateman.common.clock.now)),
                ('finished_at', models.DateTimeField(null=True)),
                ('created_here', models.PositiveIntegerField(default=0)),
                ('changed_here', models.PositiveIntegerField(default=0)),
                ('deleted_here', models.PositiveIntegerField(default=0)),
                ('created_there', models.PositiveIntegerField(default=0)),
                ('changed_there', models.PositiveIntegerField(default=0)),
                ('deleted_there', models.PositiveIntegerField(default=0)),
                ('echoes', models.PositiveIntegerField(default=0, help_text='Our own writes, heard again and left alone')),
                ('failures', models.PositiveIntegerField(default=0, help_text='Single events that could not be carried over')),
                ('error', models.TextField(blank=True)),
            ],
            options={
                'db_table': 'data_syncs',
                'ordering': ('-started_at',),
                'indexes': [models.Index(fields=['link', 'started_at'], name='sync_by_link')],
            },
        ),
        migrations.CreateModel(
            name='EventOverride',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='overrides', to='events.event')),
                ('recurrence_id', events.fields.LocalDateTimeField()),
                ('starts_at', events.fields.LocalDateTimeField(null=True)),
                ('duration_minutes', models.PositiveIntegerField(null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(527040)])),
                ('title', models.CharField(max_length=200, null=True)),
                ('description', models.TextField(null=True)),
                ('location', models.CharField(max_length=200, null=True)),
            ],
            options={
                'db_table': 'event_overrides',
                'ordering': ('recurrence_id',),
                'constraints': [models.UniqueConstraint(fields=('event', 'recurrence_id'), name='override_once_per_date')],
            },
        ),
        migrations.CreateModel(
            name='HoursException',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hours_exceptions', to=settings.AUTH_USER_MODEL)),
                ('date', models.DateField()),
                ('spans', models.JSONField(blank=True, default=list, validators=[events.models.hours.validate_spans])),
                ('note', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'db_table': 'user_availability_exceptions',
                'ordering': ('user', 'date'),
                'constraints': [models.UniqueConstraint(fields=('user', 'date'), name='hours_differ_once_per_date')],
            },
        ),
        migrations.CreateModel(
            name='LinkedEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('link', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='linked_events', to='events.calendarlink')),
                ('event', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='links', to='events.event')),
                ('remote_id', models.CharField(max_length=500)),
                ('etag', models.CharField(blank=True, max_length=300)),
                ('version', models.PositiveIntegerField(default=0, help_text="The event's version here at that time")),
                ('snapshot', models.JSONField(default=dict)),
            ],
            options={
                'db_table': 'linked_events',
                'constraints': [models.UniqueConstraint(fields=('link', 'remote_id'), name='remote_event_linked_once'), models.UniqueConstraint(fields=('link', 'event'), name='event_linked_once_per_link')],
            },
        ),
        migrations.CreateModel(
            name='OccurrenceAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attendee', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='events.attendee')),
                ('recurrence_id', events.fields.LocalDateTimeField()),
                ('status', models.CharField(choices=[('needs_action', 'Needs Action'), ('accepted', 'Accepted'), ('declined', 'Declined'), ('tentative', 'Tentative'), ('waiting', 'Waiting')], max_length=20)),
                ('responded_at', models.DateTimeField(default=estateman.common.clock.now, editable=False)),
                ('waiting_since', models.DateTimeField(editable=False, null=True)),
            ],
            options={
                'db_table': 'event_occurrence_answers',
                'ordering': ('recurrence_id',),
                'constraints': [models.UniqueConstraint(fields=('attendee', 'recurrence_id'), name='answer_once_per_date')],
            },
        ),
        migrations.CreateModel(
            name='SyncConflict',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conflicts', to='events.datasync')),
                ('event', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='events.event')),
                ('recurrence_id', events.fields.LocalDateTimeField(null=True)),
                ('field', models.CharField(max_length=40)),
                ('local', models.JSONField(null=True)),
                ('remote', models.JSONField(null=True)),
                ('winner', models.CharField(choices=[('local', 'local'), ('remote', 'remote')], max_length=10)),
            ],
            options={
                'db_table': 'sync_conflicts',
                'ordering': ('pk',),
            },
        ),
        migrations.CreateModel(
            name='TimeOff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='time_off', to=settings.AUTH_USER_MODEL)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField()),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField(default=estateman.common.clock.now, editable=False)),
            ],
            options={
                'verbose_name_plural': 'time off',
                'db_table': 'user_time_off',
                'ordering': ('starts_on',),
                'indexes': [models.Index(fields=['user', 'ends_on'], name='time_off_by_user')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='time_off_in_order', violation_error_message='Time off ends on or after its first day.')],
            },
        ),
        migrations.CreateModel(
            name='WeeklyHours',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='weekly_hours', to=settings.AUTH_USER_MODEL)),
                ('weekday', models.PositiveSmallIntegerField(validators=[django.core.validators.MaxValueValidator(6)])),
                ('start_minute', models.PositiveSmallIntegerField(validators=[django.core.validators.MaxValueValidator(1439)])),
                ('end_minute', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1440)])),
            ],
            options={
                'verbose_name_plural': 'weekly hours',
                'db_table': 'user_availability',
                'ordering': ('user', 'weekday', 'start_minute'),
                'constraints': [models.CheckConstraint(condition=models.Q(('end_minute__lte', 1440), ('start_minute__lt', models.F('end_minute')), ('weekday__lte', 6)), name='hours_within_a_day'), models.UniqueConstraint(fields=('user', 'weekday', 'start_minute'), name='hours_begin_once')],
            },
        ),
    ]
