"""Writes the Grafana dashboard beside it: `python docs/monitoring/dashboard.py`. A test holds the two together."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TARGET = Path(__file__).with_name("grafana.json")
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
HERE = 'instance=~"$instance"'
WIDTH, HEIGHT, IN_A_ROW = 8, 7, 3

Query = tuple[str, str]
"""PromQL, with `$here` for the machine that is chosen, and the legend."""
Panel = tuple[str, str, str, tuple[Query, ...]]
"""Its kind in Grafana, its title, its unit, and what it shows."""


def figure(title: str, unit: str, *queries: Query) -> Panel:
    """What is now."""
    return "stat", title, unit, queries


def curves(title: str, unit: str, *queries: Query) -> Panel:
    """What was, over time."""
    return "timeseries", title, unit, queries


def quantile(share: float, name: str, by: str = "") -> str:
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, sum by ({labels}) (rate({name}_bucket{{$here}}[$__rate_interval])))"


def rate(name: str, by: str = "", also: str = "") -> str:
    return f"sum by ({by}) (rate({name}{{$here{also}}}[$__rate_interval]))"


ROWS: dict[str, list[Panel]] = {
    "Now": [
        figure("Ready", "bool_yes_no", ("ttsd_ready{$here}", "{{instance}}")),
        figure("Jobs waiting", "short", ('ttsd_queue_jobs{$here,state="queued"}', "{{instance}}")),
        figure(
            "Spoken to", "short", ("ttsd_live_sessions{$here}", "live sessions"), ("ttsd_streams{$here}", "streams")
        ),
        curves("Slots", "short", ("ttsd_slots_busy{$here}", "busy"), ("ttsd_slots{$here}", "all")),
        curves("Worker", "short", ("ttsd_worker_phase{$here} == 1", "{{phase}}")),
        curves("Jobs", "short", ('ttsd_queue_jobs{$here,state=~"queued|running"}', "{{state}}")),
    ],
    "Speech": [
        curves(
            "First audio",
            "s",
            (quantile(0.5, "ttsd_first_audio_seconds", "service"), "{{service}} median"),
            (quantile(0.95, "ttsd_first_audio_seconds", "service"), "{{service}} 95 %"),
        ),
        curves("Wait for a slot, 95 %", "s", (quantile(0.95, "ttsd_slot_wait_seconds", "service"), "{{service}}")),
        curves(
            "Work for a second of speech, 95 %",
            "s",
            (quantile(0.95, "ttsd_real_time_factor_ratio", "service"), "{{service}}"),
        ),
        curves("Seconds of speech a second", "short", (rate("ttsd_audio_seconds_total", "service"), "{{service}}")),
        curves(
            "Gaps a minute",
            "short",
            ("60 * " + rate("ttsd_underruns_total", "service"), "{{service}}"),
            ("60 * " + rate("ttsd_client_underruns_total", "instance"), "reported by clients"),
        ),
        curves("Silence in gaps", "s", (rate("ttsd_underrun_seconds_total", "service"), "{{service}}, a second")),
        curves(
            "Found in the clip store",
            "percentunit",
            (
                rate("ttsd_clip_lookups_total", "instance", ',result="hit"')
                + " / "
                + rate("ttsd_clip_lookups_total", "instance"),
                "{{instance}}",
            ),
        ),
        curves("A step of the model", "s", ("ttsd_engine_frame_seconds{$here}", "{{instance}}")),
        curves("Streams the engine has not begun", "short", ("ttsd_engine_streams_waiting{$here}", "{{instance}}")),
    ],
    "Jobs": [
        curves("Ended a minute", "short", ("60 * " + rate("ttsd_jobs_total", "state"), "{{state}}")),
        curves(
            "Failed an hour, by reason",
            "short",
            ("3600 * " + rate("ttsd_job_failures_total", "reason"), "{{reason}}"),
            ("3600 * " + rate("ttsd_job_retries_total", "reason"), "{{reason}}, tried again"),
        ),
        curves("Wait until it runs, 95 %", "s", (quantile(0.95, "ttsd_job_wait_seconds", "door"), "{{door}}")),
    ],
    "Worker": [
        curves(
            "Ended an hour, by reason",
            "short",
            ("sum by (reason) (increase(ttsd_worker_recycles_total{$here}[1h]))", "{{reason}}"),
        ),
        curves(
            "Its memory, as docs/memory.md has it",
            "bytes",
            ("ttsd_worker_memory_used_bytes{$here}", "in use"),
            ("ttsd_worker_memory_limit_bytes{$here}", "limit"),
            ("ttsd_worker_memory_own_bytes{$here}", "its own"),
            ("ttsd_worker_memory_canary_bytes{$here}", "its own when it began"),
        ),
        curves("It grows", "Bps", ("ttsd_worker_memory_leak_bytes_per_second{$here}", "{{instance}}")),
        curves(
            "Too much in use",
            "short",
            ("ttsd_worker_memory_pressure{$here} == 1", "{{kind}}"),
            ("ttsd_worker_memory_refuses{$here}", "speech is refused"),
            ("ttsd_slots_fewer{$here}", "fewer slots"),
        ),
        curves("Restarts", "short", ("ttsd_worker_restarts_total{$here}", "{{instance}}")),
        curves("Loading took", "s", ("ttsd_worker_load_seconds{$here}", "{{instance}}")),
    ],
    "Cards": [
        curves(
            "Memory",
            "bytes",
            ("ttsd_gpu_memory_used_bytes{$here}", "card {{gpu}} used"),
            ("ttsd_gpu_memory_ours_bytes{$here}", "card {{gpu}} ours"),
            ("ttsd_gpu_memory_size_bytes{$here}", "card {{gpu}} all"),
            ("ttsd_engine_vram_bytes{$here}", "the model"),
        ),
        curves("Busy", "percentunit", ("ttsd_gpu_utilization_ratio{$here}", "card {{gpu}}")),
        curves("Temperature", "celsius", ("ttsd_gpu_temperature_celsius{$here}", "card {{gpu}}")),
        curves(
            "Power",
            "watt",
            ("ttsd_gpu_power_watts{$here}", "card {{gpu}}"),
            ("ttsd_gpu_power_limit_watts{$here}", "card {{gpu}} may draw"),
        ),
        curves(
            "Clocks",
            "hertz",
            ("ttsd_gpu_sm_clock_hertz{$here}", "card {{gpu}} processors"),
            ("ttsd_gpu_memory_clock_hertz{$here}", "card {{gpu}} memory"),
        ),
        curves("Slowed down", "short", ("ttsd_gpu_throttled{$here} == 1", "card {{gpu}}: {{reason}}")),
        curves(
            "Faults",
            "short",
            ("increase(ttsd_gpu_ecc_uncorrected_errors_total{$here}[1h])", "card {{gpu}}: memory errors an hour"),
            ("ttsd_gpu_xid_last_number{$here}", "card {{gpu}}: last XID"),
            ("ttsd_gpu_lost{$here}", "card {{gpu}} is lost"),
            ("ttsd_gpu_driver_failed{$here}", "the driver fails"),
        ),
    ],
    "Use": [
        curves("Clips an hour, by voice", "short", ("3600 * " + rate("ttsd_usage_clips_total", "voice"), "{{voice}}")),
        curves("Clips an hour, by door", "short", ("3600 * " + rate("ttsd_usage_clips_total", "door"), "{{door}}")),
        curves(
            "Characters an hour, by user", "short", ("3600 * " + rate("ttsd_user_characters_total", "user"), "{{user}}")
        ),
        curves(
            "The worker's time, by user", "percentunit", (rate("ttsd_user_engine_seconds_total", "user"), "{{user}}")
        ),
        curves("Power for speech, by voice", "watt", (rate("ttsd_usage_energy_joules_total", "voice"), "{{voice}}")),
        curves(
            "Clip store",
            "bytes",
            ("ttsd_clip_store_bytes{$here}", "used"),
            ("ttsd_clip_store_limit_bytes{$here}", "limit"),
        ),
    ],
    "Machine": [
        curves(
            "How late the daemon is",
            "s",
            (quantile(0.5, "ttsd_loop_lag_seconds"), "median"),
            (quantile(0.99, "ttsd_loop_lag_seconds"), "99 %"),
        ),
        curves(
            "Processors",
            "percentunit",
            ("ttsd_host_cpu_ratio{$here}", "machine"),
            ("rate(process_cpu_seconds_total{$here}[$__rate_interval])", "daemon, of a core"),
        ),
        curves(
            "Memory",
            "bytes",
            ("ttsd_resident_memory_bytes{$here}", "{{process}}"),
            ("ttsd_host_memory_used_bytes{$here}", "machine"),
            ("ttsd_host_memory_size_bytes{$here}", "machine, all"),
        ),
        curves("Disks, free", "bytes", ("ttsd_disk_free_bytes{$here}", "{{place}}")),
        curves(
            "HTTP answers a second",
            "reqps",
            (rate("ttsd_http_requests_total", "code"), "{{code}}"),
            (rate("ttsd_slow_readers_dropped_total", "instance"), "dropped for not reading"),
            (rate("ttsd_connections_refused_total", "instance"), "one too many"),
        ),
        curves("Open files", "short", ("process_open_fds{$here}", "open"), ("process_max_fds{$here}", "limit")),
    ],
}


def panels() -> Iterator[dict[str, Any]]:
    """A heading for each row, and its panels three abreast below it."""
    number = y = 0
    for title, row in ROWS.items():
        number += 1
        yield {"id": number, "type": "row", "title": title, "gridPos": {"x": 0, "y": y, "w": 24, "h": 1}, "panels": []}
        y += 1
        for place, (kind, name, unit, queries) in enumerate(row):
            number += 1
            position = {"x": place % IN_A_ROW * WIDTH, "y": y + place // IN_A_ROW * HEIGHT, "w": WIDTH, "h": HEIGHT}
            yield panel(number, kind, name, unit) | {"gridPos": position, "targets": list(targets(queries))}
        y += -(-len(row) // IN_A_ROW) * HEIGHT


def panel(number: int, kind: str, title: str, unit: str) -> dict[str, Any]:
    defaults: dict[str, Any] = {"unit": unit, "min": 0}
    if kind == "timeseries":
        defaults["custom"] = {"lineWidth": 1, "fillOpacity": 10, "showPoints": "never"}
    return {
        "id": number,
        "type": kind,
        "title": title,
        "datasource": SOURCE,
        "fieldConfig": {"defaults": defaults, "overrides": []},
    }


def targets(queries: tuple[Query, ...]) -> Iterator[dict[str, Any]]:
    for letter, (query, legend) in zip("ABCDEFGH", queries, strict=False):
        yield {"refId": letter, "datasource": SOURCE, "expr": query.replace("$here", HERE), "legendFormat": legend}


def dashboard() -> dict[str, Any]:
    """The whole of it, as Grafana 10 and later import it."""
    source = {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"}
    instance = {
        "name": "instance",
        "type": "query",
        "label": "Machine",
        "datasource": SOURCE,
        "query": {"query": "label_values(ttsd_build_info, instance)", "refId": "instances"},
        "refresh": 2,
        "multi": True,
        "includeAll": True,
        "allValue": ".+",
        "current": {"text": "All", "value": "$__all"},
    }
    return {
        "uid": "ttsd",
        "title": "ttsd",
        "tags": ["ttsd", "speech"],
        "schemaVersion": 39,
        "editable": True,
        "time": {"from": "now-6h", "to": "now"},
        "refresh": "30s",
        "templating": {"list": [source, instance]},
        "panels": list(panels()),
    }


def text() -> str:
    return json.dumps(dashboard(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text())
