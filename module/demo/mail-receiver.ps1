<#
.SYNOPSIS
Receives mail on this machine and shows it, so that notifications can be tried without a mail server.

.DESCRIPTION
Listens on 127.0.0.1, takes every mail, shows its subject and text, and keeps and forwards none. It speaks as much SMTP as a
sender without a sign-in needs (RFC 5321). It runs until Ctrl+C.

.PARAMETER Port
The port to listen at.

.PARAMETER Count
Ends after that many mails. Without it, it runs until Ctrl+C.

.EXAMPLE
./module/demo/mail-receiver.ps1
Set-ProvisioningNotification ./trial mail -Smtp -Server 127.0.0.1 -Port 2525 -From trial@example.com -To me@example.com

The first line is for a terminal of its own. The second has a job send its mail there.
#>
param(
    [ValidateRange(1, 65535)][int] $Port = 2525,
    [ValidateRange(1, 10000)][int] $Count = [int]::MaxValue
)
$ErrorActionPreference = 'Stop'

function Show-Mail([string[]] $Lines) {
    $subject = ''
    $inHeader = $true
    $text = foreach ($line in $Lines) {
        # The first part of a mail is its plain text; the second says the same as HTML.
        if ($line -match '^Content-Type: text/html') { break }
        if ($inHeader -and $line -match '^Subject: (.*)') { $subject = $Matches[1] }
        elseif ($inHeader -and $subject -and $line -match '^\s+(\S.*)' -and -not $folded) { $subject += " $($Matches[1])" }
        $folded = $line -notmatch '^(Subject:|\s)'
        if ($inHeader -and $line -eq '') { $inHeader = $false; continue }
        if (-not $inHeader -and $line -notmatch '^(--|Content-|This is a multi)') { $line }
    }
    "=== $([datetime]::Now.ToString('HH:mm:ss')) $subject"
    ($text -join "`n").Trim() -replace '[\x00-\x08\x0b-\x1f\x7f]', '?'
    ''
}

$listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, $Port)
$listener.Start()
"Mail for 127.0.0.1:$Port is shown here. Ctrl+C ends it."
try {
    for ($taken = 0; $taken -lt $Count) {
        # Accepting would wait where Ctrl+C is not heard.
        while (-not $listener.Pending()) { [System.Threading.Thread]::Sleep(100) }
        $client = $listener.AcceptTcpClient()
        try {
            $client.ReceiveTimeout = 10000
            $reader = [System.IO.StreamReader]::new($client.GetStream())
            $writer = [System.IO.StreamWriter]::new($client.GetStream())
            $writer.NewLine = "`r`n"
            $writer.AutoFlush = $true
            $writer.WriteLine('220 trial')
            while ($null -ne ($line = $reader.ReadLine())) {
                if ($line -match '^QUIT') { $writer.WriteLine('221 bye'); break }
                if ($line -notmatch '^DATA') { $writer.WriteLine('250 ok'); continue }
                $writer.WriteLine('354 go on')
                $mail = while ($null -ne ($line = $reader.ReadLine()) -and $line -ne '.') { $line -replace '^\.', '' }
                $writer.WriteLine('250 taken')
                Show-Mail $mail
                $taken++
            }
        }
        catch [System.IO.IOException] { "A sender broke off: $($_.Exception.Message)" }
        finally { $client.Dispose() }
    }
}
finally { $listener.Stop() }
