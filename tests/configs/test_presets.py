"""Each preset on a small file in the documented shape of its export: what is read, and what is left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from servicelift.core.config.business import load_config
from servicelift.core.config.presets import preset_names, preset_tables
from servicelift.features.tables.tables import open_tables, validate

pytestmark = pytest.mark.usefixtures("tables_read_once")


@dataclass(frozen=True)
class Export:
    """An export: its text, what its entry adds, and the contract's values by key."""

    preset: str
    table: str
    text: str
    rows: dict[str, dict[str, Any]]
    entry: str = ""
    left_out: tuple[str, ...] = field(default=())


EXPORTS = [
    Export(
        "zendesk",
        "contacts",
        "id,requester_id,created_at,solved_at,via.channel,status,tags,assignee_id,type,requester_email\n"
        "1,a,2024-01-02T10:00:00Z,2024-01-03T10:00:00Z,email,solved,vip,7,question,a@x.org\n"
        "2,a,2024-01-04T10:00:00Z,2024-01-04T11:00:00Z,web,closed,closed_by_merge vip,7,question,a@x.org\n"
        "3,b,2024-01-05T10:00:00Z,,chat,deleted,,,question,b@x.org\n"
        "4,b,2024-01-06T10:00:00Z,,chat,open,,,incident,b@x.org\n"
        "5,b,2024-01-06T10:00:00Z,,web,suspended,,,,c@x.org\n",
        {
            "1": {"customer_id": "a", "channel": "email", "resolved": True, "reason": "question", "agent_id": "7"},
            "4": {"customer_id": "b", "channel": "chat", "resolved": False, "closed_at": None},
        },
    ),
    Export(
        "zendesk",
        "surveys",
        "id,requester_id,ticket_id,score,created_at,updated_at,comment\n"
        "11,a,1,good,2024-01-03T10:00:00Z,2024-01-03T12:00:00Z,thanks\n"
        "12,b,4,bad,2024-01-07T10:00:00Z,2024-01-08T12:00:00Z,\n"
        "13,b,4,offered,2024-01-07T10:00:00Z,2024-01-07T10:00:00Z,\n",
        {"11": {"score": 5.0, "metric": "csat"}, "12": {"score": 1.0, "customer_id": "b", "contact_id": "4"}},
    ),
    Export(
        "freshdesk",
        "contacts",
        "Ticket ID,Subject,Status,Source,Type,Created time,Resolved time,Initial response time,Full name,Email,"
        "Contact ID\n"
        "1,Hello,Closed,Email,Question,2024-01-02 10:00:00,2024-01-03 10:00:00,2024-01-02 11:00:00,Ann Bee,a@x.org,a\n"
        "2,Hello,Pending,Phone,,2024-01-04 10:00:00,,,Bob Cee,b@x.org,b\n",
        {
            "1": {"channel": "email", "resolved": True, "customer_id": "a"},
            "2": {"resolved": False, "answered_at": None},
        },
    ),
    Export(
        "freshdesk",
        "contacts",
        "id,requester_id,status,source,created_at,stats.resolved_at,spam,deleted,responder_id\n"
        "1,a,4,1,2024-01-02T10:00:00Z,2024-01-03T10:00:00Z,false,false,9\n"
        "2,a,2,7,2024-01-02T10:00:00Z,,true,false,\n"
        "3,a,2,3,2024-01-02T10:00:00Z,,false,true,\n",
        {"1": {"channel": "email", "resolved": True, "agent_id": "9"}},
    ),
    Export(
        "freshdesk",
        "surveys",
        "id,user_id,ticket_id,created_at,ratings.default_question,feedback\n"
        "1,a,5,2024-01-02T10:00:00Z,103,great\n2,b,6,2024-01-02T10:00:00Z,-103,\n3,b,7,2024-01-02T10:00:00Z,,\n",
        {"1": {"score": 5.0}, "2": {"score": 1.0, "contact_id": "6"}},
    ),
    Export(
        "intercom",
        "contacts",
        "id,source_author_id,source_author_type,source_author_email,created_at,statistics_last_close_at,source_type,"
        "source_delivered_as,state\n"
        "1,a,user,a@x.org,2024-01-02T10:00:00Z,2024-01-03T10:00:00Z,email,customer_initiated,closed\n"
        "2,9,admin,z@x.org,2024-01-02T10:00:00Z,,email,admin_initiated,open\n"
        "3,b,lead,b@x.org,2024-01-04T10:00:00Z,,conversation,customer_initiated,snoozed\n",
        {"1": {"direction": "inbound", "resolved": True, "channel": "email"}, "3": {"resolved": False}},
    ),
    Export(
        "intercom",
        "surveys",
        "id,source_author_id,conversation_rating_contact_id,conversation_rating_created_at,conversation_rating_rating\n"
        "1,a,a,2024-01-03T10:00:00Z,4\n2,b,,,\n",
        {"1": {"score": 4.0, "metric": "csat", "customer_id": "a", "contact_id": "1"}},
    ),
    Export(
        "salesforce_cases",
        "contacts",
        "Id,CaseNumber,AccountId,CreatedDate,ClosedDate,Origin,Reason,OwnerId,IsClosed,IsDeleted,MasterRecordId,SuppliedEmail\n"
        "1,001,a,2024-01-02T10:00:00.000Z,2024-01-03T10:00:00.000Z,Phone,Billing,7,true,false,,a@x.org\n"
        "2,002,a,2024-01-02T10:00:00.000Z,,Web,Billing,7,false,true,1,a@x.org\n"
        "3,003,b,2024-01-05T10:00:00.000Z,,Web,,7,false,true,,b@x.org\n"
        "4,004,b,2024-01-06T10:00:00.000Z,,Email,Other,8,false,false,,b@x.org\n",
        {"1": {"channel": "Phone", "resolved": True, "reason": "Billing"}, "4": {"resolved": False, "agent_id": "8"}},
    ),
    Export(
        "stripe",
        "payments",
        "id,Created date (UTC),Amount,Amount Refunded,Refunded date (UTC),Status,Customer ID,Customer Email,"
        "Payment Source Type,Mode\n"
        "ch_1,2024-01-02 10:00:00,9.90,4.00,2024-02-02 10:00:00,Paid,a,a@x.org,card,Live\n"
        "ch_2,2024-01-03 10:00:00,9.90,0.00,,Failed,b,b@x.org,sepa_debit,Live\n"
        "ch_3,2024-01-03 10:00:00,9.90,0.00,,Canceled,b,b@x.org,card,Live\n"
        "ch_4,2024-01-03 10:00:00,9.90,0.00,,Paid,b,b@x.org,card,Test\n",
        {
            "ch_1": {"amount": 9.9, "method": "card", "status": "paid", "refunded_amount": 4.0},
            "ch_2": {"method": "iban", "status": "paid"},
        },
    ),
    Export(
        "gocardless",
        "payments",
        "id,charge_date,amount,currency,status,links.mandate,links.subscription,customers.id,customers.email\n"
        "PM1,2024-01-02,12.50,EUR,paid_out,MD1,SB1,a,a@x.org\n"
        "PM2,2024-01-03,12.50,EUR,charged_back,MD2,,b,b@x.org\n"
        "PM3,2024-01-04,12.50,EUR,pending_submission,MD2,,b,b@x.org\n",
        {"PM1": {"amount": 12.5, "method": "iban", "status": "paid"}, "PM2": {"status": "paid", "customer_id": "b"}},
    ),
    Export(
        "chargebee",
        "payments",
        "Transaction Id,Customer Id,Subscription Id,Date,Amount,Type,Status,Payment Method,Customer Email\n"
        "t1,a,s1,2024-01-02 10:00:00,20.00,Payment,Success,Card,a@x.org\n"
        "t2,b,s2,2024-01-03 10:00:00,20.00,Payment,Failure,Direct Debit,b@x.org\n"
        "t3,a,s1,2024-01-04 10:00:00,20.00,Refund,Success,Card,a@x.org\n"
        "t4,a,s1,2024-01-05 10:00:00,20.00,Payment,In Progress,Card,a@x.org\n",
        {
            "t1": {"status": "paid", "method": "card", "amount": 20.0, "kind": None},
            "t2": {"status": "paid", "method": "iban"},
            "t3": {"kind": "refund", "amount": -20.0},
        },
    ),
    Export(
        "mollie",
        "payments",
        "id,customerId,createdAt,amount.value,amount.currency,method,status,details.consumerAccount\n"
        "tr_1,a,2024-01-02T10:00:00+00:00,15.00,EUR,directdebit,paid,FR7630006000011234567890189\n"
        "tr_2,b,2024-01-03T10:00:00+00:00,15.00,EUR,creditcard,failed,\n"
        "tr_3,b,2024-01-04T10:00:00+00:00,15.00,EUR,ideal,expired,\n",
        {"tr_1": {"amount": 15.0, "method": "iban", "status": "paid"}, "tr_2": {"method": "card", "status": "failed"}},
    ),
    Export(
        "sepa_returns",
        "payments",
        "OrgnlEndToEndId,MndtId,ReqdColltnDt,InstdAmt,BookgDt,RsnCd,DbtrAcct.IBAN\n"
        "E1,a,2024-01-02,12.50,2024-01-09,MD06,FR7630006000011234567890189\n"
        "E2,b,2024-01-02,12.50,2024-01-04,AM04,FR7630006000011234567890189\n",
        {"E1": {"method": "iban", "amount": 12.5}, "E2": {"customer_id": "b"}},
    ),
    Export(
        "typeform",
        "surveys",
        "#,How likely are you to recommend us?,customer_id,Start Date (UTC),Submit Date (UTC),Network ID\n"
        "r1,9,a,2024-01-02 10:00:00,2024-01-02 10:05:00,n1\nr2,,b,2024-01-02 10:00:00,,n2\n",
        {"r1": {"score": 9.0, "metric": "nps", "customer_id": "a"}},
        'constants: {metric: nps}, columns: {score: "How likely are you to recommend us?"}',
    ),
    Export(
        "qualtrics",
        "surveys",
        "StartDate,EndDate,Status,Finished,RecordedDate,ResponseId,RecipientEmail,ExternalReference,Q3\n"
        "Start Date,End Date,Response Type,Finished,Recorded Date,Response ID,Recipient Email,External Reference,How?\n"
        '"{""ImportId"":""startDate""}","{""ImportId"":""endDate""}",x,x,x,x,x,x,x\n'
        "2024-01-02 10:00:00,2024-01-02 10:05:00,IP Address,True,2024-01-02 10:05:01,R_1,a@x.org,a,4\n"
        "2024-01-02 10:00:00,2024-01-02 10:05:00,Survey Preview,True,2024-01-02 10:05:01,R_2,,b,4\n"
        "2024-01-02 10:00:00,2024-01-02 10:05:00,IP Address,False,2024-01-02 10:05:01,R_3,b@x.org,b,\n",
        {"R_1": {"score": 4.0, "metric": "csat", "customer_id": "a"}},
        "constants: {metric: csat}, columns: {score: Q3}",
    ),
]


def opened(export: Export, folder: Path) -> Any:
    (folder / "customers.csv").write_text("customer_id,signed_up_at\na,2023-01-01\nb,2023-01-01\n")
    (folder / "payments.csv").write_text("payment_id,customer_id,paid_at,amount,method\np,a,2023-05-01,9,iban\n")
    (folder / "export.csv").write_text(export.text)
    entry = f"{{csv: export.csv, preset: {export.preset}{', ' + export.entry if export.entry else ''}}}"
    tables = {"customers": "customers.csv", "payments": "payments.csv", export.table: entry}
    (folder / "b.yaml").write_text("tables:\n" + "".join(f"  {name}: {at}\n" for name, at in tables.items()))
    return load_config(folder / "b.yaml")


@pytest.mark.parametrize("export", EXPORTS, ids=lambda e: f"{e.preset}-{e.table}")
def test_an_export_is_read_as_it_comes(export: Export, tmp_path: Path):
    config = opened(export, tmp_path)
    report = validate(config)
    assert [f.message for f in report.errors] == []
    tables = open_tables(config)
    key = tables[export.table].columns[0]
    rows = tables.execute(tables[export.table]).set_index(key)
    assert set(rows.index.astype(str)) == set(export.rows)
    rows.index = rows.index.astype(str)
    for name, expected in export.rows.items():
        for column, value in expected.items():
            came = rows.loc[name, column]
            if value is None:
                assert came is None or came != came, column
            else:
                assert (float(came) if isinstance(value, float) else came) == value, (name, column)


def test_every_preset_is_tried_on_each_of_its_tables():
    tried = {(export.preset, export.table) for export in EXPORTS}
    assert tried == {(name, table) for name in preset_names() for table in preset_tables(name)}


def test_a_return_is_known_when_it_was_booked(tmp_path: Path):
    export = next(e for e in EXPORTS if e.preset == "sepa_returns")
    tables = open_tables(opened(export, tmp_path))
    rows = tables.execute(tables["payments"]).set_index("payment_id")
    assert (rows["failed_at"] > rows["paid_at"]).all()


@pytest.mark.parametrize(
    ("preset", "key", "days"), [("gocardless", "PM2", 56), ("stripe", "ch_2", 7), ("chargebee", "t2", 7)]
)
def test_a_debit_that_failed_without_a_date_is_known_late(preset: str, key: str, days: int, tmp_path: Path):
    export = next(e for e in EXPORTS if e.preset == preset)
    tables = open_tables(opened(export, tmp_path))
    row = tables.execute(tables["payments"]).set_index("payment_id").loc[key]
    assert (row["failed_at"] - row["paid_at"]).days == days


def test_a_card_that_failed_failed_at_once(tmp_path: Path):
    export = next(e for e in EXPORTS if e.preset == "stripe")
    changed = Export("stripe", "payments", export.text.replace("sepa_debit", "card"), {})
    tables = open_tables(opened(changed, tmp_path))
    row = tables.execute(tables["payments"]).set_index("payment_id").loc["ch_2"]
    assert row["status"] == "failed"
    assert row["failed_at"] is None or row["failed_at"] != row["failed_at"]


def test_a_date_of_failure_that_the_export_gives_goes_first(tmp_path: Path):
    export = next(e for e in EXPORTS if e.preset == "gocardless")
    lines = export.text.splitlines()
    text = (
        "\n".join([lines[0] + ",failed_at", lines[1] + ",", lines[2] + ",2024-01-20T10:00:00Z", lines[3] + ","]) + "\n"
    )
    tables = open_tables(opened(Export("gocardless", "payments", text, {}), tmp_path))
    row = tables.execute(tables["payments"]).set_index("payment_id").loc["PM2"]
    assert str(row["failed_at"]) == "2024-01-20 10:00:00"


def test_a_reopened_ticket_is_one_contact_known_at_its_last_close(tmp_path: Path):
    export = EXPORTS[0]
    tables = open_tables(opened(export, tmp_path))
    rows = tables.execute(tables["contacts"]).set_index("contact_id")
    assert str(rows.loc["1", "closed_at"]) == "2024-01-03 10:00:00"


def test_a_status_nobody_knows_is_refused_by_name(tmp_path: Path):
    export = next(e for e in EXPORTS if e.preset == "stripe")
    changed = Export("stripe", "payments", export.text.replace("Failed", "Disputed"), {})
    (finding,) = validate(opened(changed, tmp_path)).errors
    assert "payments.status: unknown code" in finding.message
